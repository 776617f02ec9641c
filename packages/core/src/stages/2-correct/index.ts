// Stage 2: correcting the teacher.
export { correctionDefaults, correctTeacher, type Corrected, type CorrectionOptions } from './correct-teacher.js';
