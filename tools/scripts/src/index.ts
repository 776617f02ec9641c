// Placeholder until the first script exists.
export {};
