// The suite that every backend must pass, on the CPU provider.
import { describeBackend } from '@espalier/core/testing';
import { ortBackend } from './ort-backend.js';

describeBackend('ort', () => ortBackend());
