// Search strategies by name.
import { searchStrategy } from '@espalier/core';
import { depthSearch } from '../search/depth.js';
import { proportionalWidthSearch } from '../search/proportional-width.js';

/** The search strategies of this package. */
export const searchStrategies = [searchStrategy(proportionalWidthSearch), searchStrategy(depthSearch)];
