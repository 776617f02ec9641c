// Stage 9: writing models.
export { exportModel, exportTo, type ExportOptions } from './export-model.js';
export { checkReload, reloadBytes, type ReloadOptions } from './check-reload.js';
export type { Exporter, ExportRequest } from './exporter.js';
