// The public API of @espalier/plugins.
export {};
