// The public API of @espalier/core/testing.
export {};
