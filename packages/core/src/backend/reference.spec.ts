// The reference backend keeps the contract that it is the yardstick of.
import { describeBackend } from '../testing/backend-conformance.js';
import { referenceBackend } from './reference.js';

describeBackend('reference', referenceBackend, { tolerance: 1e-7 });
