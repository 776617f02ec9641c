// The public API of @espalier/backend-ort.
export {};
