// Tensors that stay in the files they are stored in.

/** How the elements of a stored tensor lie in its file, little-endian: IEEE 754 of 64, 32 and 16 bits, and bfloat16. */
export type StorageType = 'F64' | 'F32' | 'F16' | 'BF16';

/** Where a tensor lies in a file, in its storage type, row-major and little-endian. */
export interface StoredTensor {
  /** How its elements are stored. */
  readonly type: StorageType;
  /** Absolute path. */
  readonly file: string;
  /** Byte of the file that it begins at. */
  readonly offset: number;
  /** Its length in bytes. */
  readonly bytes: number;
  /** The file's `statVersion` when it was opened; whatever lies there is taken when not given. */
  readonly version?: string;
}
