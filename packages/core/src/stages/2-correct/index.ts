// Stage 2: correcting the teacher.
export { correctionDefaults, correctTeacher, type CorrectionOptions } from './correct-teacher.js';
