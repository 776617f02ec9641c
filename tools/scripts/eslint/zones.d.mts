// Types of the map of core for the spec beside the scripts.
export declare const coreZones: Readonly<Record<string, readonly string[]>>;
