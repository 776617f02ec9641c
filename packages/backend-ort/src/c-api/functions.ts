// The functions of ONNX Runtime's C API that are used here: their places in the table `OrtApi` (onnxruntime_c_api.h; places
// never change, new functions are appended) and their C types: of the result and of the
// arguments. Every pointer is an address (`bigint`), or a typed array.

/** The newest version of the table whose functions are known here. */
export const API_VERSION = 30;
/** The oldest release whose table has all of them, with the options that sessions are given. */
export const OLDEST_MINOR = 20;

/** Place in the table, type of the result, types of the arguments. */
export type Signature = readonly [number, string, readonly string[]];

export const functions = {
  GetErrorMessage: [2, 'str', ['void *']],
  CreateEnv: [3, 'void *', ['int', 'str', 'void *']],
  CreateSessionFromArray: [8, 'void *', ['void *', 'void *', 'size_t', 'void *', 'void *']],
  Run: [9, 'void *', ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *']],
  CreateSessionOptions: [10, 'void *', ['void *']],
  EnableProfiling: [14, 'void *', ['void *', 'void *']],
  DisableMemPattern: [17, 'void *', ['void *']],
  SetSessionLogSeverityLevel: [22, 'void *', ['void *', 'int']],
  SetSessionGraphOptimizationLevel: [23, 'void *', ['void *', 'int']],
  SetIntraOpNumThreads: [24, 'void *', ['void *', 'int']],
  SetInterOpNumThreads: [25, 'void *', ['void *', 'int']],
  CreateRunOptions: [39, 'void *', ['void *']],
  CreateTensorWithDataAsOrtValue: [49, 'void *', ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *']],
  CreateCpuMemoryInfo: [69, 'void *', ['int', 'int', 'void *']],
  AllocatorFree: [76, 'void *', ['void *', 'void *']],
  GetAllocatorWithDefaultOptions: [78, 'void *', ['void *']],
  ReleaseStatus: [93, 'void', ['void *']],
  ReleaseSession: [95, 'void', ['void *']],
  ReleaseValue: [96, 'void', ['void *']],
  ReleaseRunOptions: [97, 'void', ['void *']],
  ReleaseSessionOptions: [100, 'void', ['void *']],
  SessionEndProfiling: [110, 'void *', ['void *', 'void *', 'void *']],
  GetAvailableProviders: [125, 'void *', ['void *', 'void *']],
  ReleaseAvailableProviders: [126, 'void *', ['void *', 'int']],
  AddSessionConfigEntry: [130, 'void *', ['void *', 'str', 'str']],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, 'void *', ['void *', 'void *']],
  CreateCUDAProviderOptions: [205, 'void *', ['void *']],
  ReleaseCUDAProviderOptions: [208, 'void', ['void *']],
  SessionOptionsAppendExecutionProvider: [216, 'void *', ['void *', 'str', 'void *', 'void *', 'size_t']],
} as const satisfies Record<string, Signature>;

/** A function of the table. */
export type FunctionName = keyof typeof functions;

/** Functions whose result is no status. */
export type ReleaseName = Extract<
  FunctionName,
  `Release${'Status' | 'Session' | 'Value' | 'RunOptions' | 'SessionOptions' | 'CUDAProviderOptions'}`
>;

/** Element types of tensors (`ONNXTensorElementDataType`). */
export const elementTypes = { float32: 1, int32: 6, bool: 9, float16: 10, float64: 11, bfloat16: 16 } as const;
