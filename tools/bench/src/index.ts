// Placeholder until the first benchmark exists.
export {};
