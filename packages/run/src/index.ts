// The public API of @espalier/run: recipes, runs and their results.
export { recipeJsonSchema } from './recipe/json-schema.js';
export { recipeSchema, type Comparison, type DataSpec, type Recipe, type RecipeInput } from './recipe/schema.js';
export { openEvaluation, openRunData } from './data/run-data.js';
export { withMemory } from './engine/memory.js';
export { prepareRecipe } from './engine/prepare-recipe.js';
export { type StageName, type Until } from './engine/run-recipe.js';
export { type RunRecord, holdsRun, readRecord, readStored, recordNames, writeRecord } from './engine/run-record.js';
export { compress, finished, resume, type ResumeOptions, type RunEvent, type RunOptions } from './engine/run.js';
export type { RunResult } from './engine/session.js';
export { type Summary, type SummaryRow } from './engine/summary.js';
export { cutBy } from './engine/shape.js';
export { unitFiles } from './engine/unit-files.js';
export { isWait, waitsOf, type Waits } from './engine/waits.js';
export { createWorkbench, startBackend } from './engine/workbench.js';
export { eventSchema, eventTypes } from './events/event-schema.js';
export { type FindingName, findings } from './events/findings.js';
export { metrics } from './events/metrics.js';
export { findingsNamed, parseEvents } from './events/read-events.js';
export { type HubAccess, hubAccess } from './hub/access.js';
export { locateConfig, locateModel } from './hub/locate-model.js';
export { type PluginChoice, loadPlugins } from './plugins/load-plugins.js';
export { type PluginTrust, trustStore } from './plugins/trust.js';
export { type Capacity, type ModelCapacity, capacitiesOf, largestModels } from './machine/capacity.js';
export { type GpuEstimate, type GpuTable, gpuEstimates, readGpus } from './machine/gpus.js';
export { type Machine, readMachine } from './machine/machine.js';
export { type Shortage, settleShortages, shortageWords } from './machine/shortage.js';
export { evaluationNotices, passesMessage } from './engine/notices.js';
export { anchorPaths } from './recipe/anchor.js';
export { nameProblem } from './recipe/names.js';
export { backendOf } from './recipe/backend-name.js';
export {
  type Places,
  checkModelPlace,
  checkPlaces,
  checkRunPlaces,
  checkWritable,
  realPlace,
} from './recipe/places.js';
export { checkStrategies } from './recipe/check-strategies.js';
export { plainYaml, yamlOptions, type YamlProblem } from './recipe/plain-yaml.js';
export { type ReadRecipe, RECIPE_LIMIT, assignedRecipe, parseRecipe, readRecipe } from './recipe/read-recipe.js';
export { expandTarget } from './recipe/shapes.js';
export { linear, logarithmic } from './report/charts/scale.js';
export { formatBytes, formatCount, formatDuration, formatInteger, formatPercent } from './report/format.js';
export { html } from './report/html.js';
export { reportFromEvents, rowsFromEvents } from './report/replay.js';
export { type CardMetadata, readCardMetadata } from './report/card-metadata.js';
export { type ModelCardSubject, modelCard } from './report/model-card.js';
export { type ReportData } from './report/report-data.js';
export { reportHtml } from './report/report-html.js';
export { onFront } from './report/sections/sizes.js';
export { style } from './report/style.js';
export { formatTable, measureText, tooFew } from './report/table.js';
export { wrapped } from './report/wrapped.js';
export { differ, leaders } from './report/significance.js';
export { answered, betterRows, verdict } from './report/verdict.js';
export { type Answer } from './engine/answer.js';
export { writeModelCard } from './report/write-model-card.js';
export { writeReport } from './report/write-report.js';
export { type PlannedStep, planFacts } from './steps/plan-steps.js';
export { pretrainStep, type Pretraining } from './steps/pretraining.js';
export { peakRate, resolveSteps } from './steps/resolve-step.js';
export { type CompressionStepInput, compressionSteps } from './steps/step-schema.js';
export { advise, describeAdvice } from './advisor/advise.js';
export { type OpenCheckpoint, openNewestCheckpoint, saveCheckpoint } from './folder/checkpoints.js';
export { readEventLog } from './folder/event-log.js';
export { checkNotLocked, lockOwner } from './folder/lock.js';
export { runFiles, unitFolder, unitNames, verifyUnits } from './folder/run-folder.js';
export { readRunFile, writeTextFile } from './folder/small-files.js';
export { intactStudent, trainedStudent } from './folder/students.js';
export { bundledRecipe, bundledRecipes, recipeSchemaFile } from './recipe/bundled.js';
export { assign, readAssignment } from './recipe/assignments.js';
