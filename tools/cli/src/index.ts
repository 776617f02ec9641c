// Placeholder until main.ts exists; the command has no programmatic API.
export {};
