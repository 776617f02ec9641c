// tfjs:webgpu in a process of its own: beside ONNX Runtime's WebGPU there would be two of Dawn in one.
import { tfjsBackend } from '@espalier/backend-tfjs';
import { describePairs } from './testing/backend-pairs.js';

await describePairs([['tfjs:webgpu', tfjsBackend({ device: 'webgpu' })]]);
