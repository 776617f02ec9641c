// Which layer of the student is compared with which of the teacher.

/** A layer of each, 0-based. */
export interface LayerPair {
  /** Layer of the student. */
  readonly student: number;
  /** Layer of the teacher. */
  readonly teacher: number;
}

/** A rule that pairs layers. */
export interface LayerMapping {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: which layers meet. */
  readonly summary: string;
  /** Pairs for models of so many layers, at least one. Throws `InputError` when it cannot be followed. */
  pairs(studentLayers: number, teacherLayers: number): readonly LayerPair[];
}

/**
 * Every layer of the student with the one at the same share of the teacher's depth, S layers with T: s with round((s +
 * 1)·T/S) − 1 (0-based), the last with the last.
 */
export function uniformPairs(studentLayers: number, teacherLayers: number): readonly LayerPair[] {
  return Array.from({ length: studentLayers }, (_, student) => ({
    student,
    teacher: Math.max(0, Math.round(((student + 1) * teacherLayers) / studentLayers) - 1),
  }));
}
