// The public API of @espalier/core.
export {};
