// The backend contract and the reference implementation of it.
export type { Backend, Device, DeviceState, Executable, HostTensor, HostTensors } from './backend.js';
export { chooseDevice } from './devices.js';
export { checkMemory, deviceFailure } from './failures.js';
export {
  checkHostTensor, checkRun, hostFloats, hostIntegers, hostNumber, hostTensor, hostValues, hostZeros, stateType,
} from './host.js'; // prettier-ignore
export { referenceBackend } from './reference.js';
export { fastestDevice, selfTest } from './self-test.js';
export type { StorageType, StoredTensor } from './stored-tensor.js';
