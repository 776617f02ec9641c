// Types of the lint rule for the spec beside the scripts.
import type { Rule } from 'eslint';

export declare const importZones: Rule.RuleModule;
