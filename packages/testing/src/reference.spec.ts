// The reference backend keeps the contract that it is the yardstick of.
import { describeBackend } from './backend-conformance.js';
import { referenceBackend } from '@espalier/core/graph';

describeBackend('reference', referenceBackend, { tolerance: 1e-7 });
