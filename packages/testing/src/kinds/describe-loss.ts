// The suite that every loss must pass. In a spec file: describeLoss(myLoss).
import { describe, expect, test } from 'vitest';
import { at, present, type BatchRows, type LossTerm, type StateName, type TeacherOutputs } from '@espalier/core';
import { evaluate as evaluateGraph, takeAlongAxis, topK, type Tensor } from '@espalier/core/graph';
import { exactly, floats, integers, whole } from '../draws.js';
import { drawLeaves, graphCase, leafValues, type GraphCase, type LeafSpec } from '../graph-case.js';
import { gradientErrors } from '../finite-difference.js';
import { lossContext } from './loss-context.js';

/** What is promised beyond being a loss. */
export interface LossPromises {
  /** Whether it is 0 for a student that says what the teacher says; true when not given, of no account without a teacher. */
  readonly zeroWhenEqual?: boolean;
  /** Largest relative error of the gradient against differences in float64; 1e-6 when not given. */
  readonly gradientTolerance?: number;
}

const [batch, length, vocab] = [2, 3, 7];
const rows = batch * length;
const [heads, kvHeads, headDim, hidden] = [4, 2, 4, 8];
const widths: { readonly [Name in StateName]: number } = {
  embedding: hidden,
  blockOutput: hidden,
  ffnNorm: hidden,
  attentionAdded: hidden,
  queries: heads * headDim,
  keys: kvHeads * headDim,
  values: kvHeads * headDim,
};
const ordinary = exactly(1, 1, 0, 1, 1, 1);

type Leaves = Readonly<Record<string, Tensor<'float32'>>>;

function leavesOf(term: LossTerm, who: 'student' | 'teacher'): Record<string, LeafSpec<'float32'>> {
  const needs = term.needsTeacher ? (term.needs ?? []) : [];
  const states = needs.map((name) => [`${who}/${name}`, floats([rows, widths[name]])] as const);
  return { [`${who}/logits`]: floats([rows, vocab]), ...Object.fromEntries(states) };
}

function outputsOf(leaves: Leaves, who: 'student' | 'teacher'): TeacherOutputs {
  const leaf = (name: string): Tensor<'float32'> => {
    const own = leaves[`${who}/${name}`];
    if (own === undefined)
      throw new RangeError(`the loss looks at the state "${name}", which its "needs" does not name`);
    return own;
  };
  const logits = leaf('logits');
  return {
    logits,
    heads,
    kvHeads,
    state: leaf,
    top(count) {
      const ids = topK(logits, Math.min(count, vocab));
      return { ids, values: takeAlongAxis(logits, ids, 1) };
    },
  };
}

/** The loss over leaves; `same` gives both models the student's leaves. */
export function lossCase(
  term: LossTerm,
  { weights = ordinary, same = false }: { readonly weights?: LeafSpec['draw']; readonly same?: boolean } = {},
): GraphCase {
  const student = leavesOf(term, 'student');
  const others = same || !term.needsTeacher ? {} : leavesOf(term, 'teacher');
  const specs = { ...student, ...others, targets: integers([rows], whole(0, vocab)), weights: floats([rows], weights) };
  const { build } = graphCase(
    term.name,
    specs,
    ({ targets, weights: own, ...floatLeaves }) => {
      const leaves: Leaves = floatLeaves;
      const seen: BatchRows = { targets, weights: own, batch, length };
      const model = outputsOf(leaves, 'student');
      if (!term.needsTeacher) return term.loss(model, seen, lossContext(term));
      const renamed = Object.entries(leaves).map(
        ([name, leaf]) => [name.replace('student/', 'teacher/'), leaf] as const,
      );
      return term.loss(
        model,
        same ? outputsOf(Object.fromEntries(renamed), 'teacher') : outputsOf(leaves, 'teacher'),
        seen,
        lossContext(term),
      );
    },
    [],
  );
  return { title: term.name, leaves: specs, wrt: Object.keys(student), build };
}

/**
 * Declares the suite's tests: one finite number, its gradient that of differences in float64, 0 where every row is masked,
 * blind to masked rows, a mean over the rows' weights, of a term on logits that of its rows by themselves and, where `zeroWhenEqual`, 0 for equal models.
 */
export function describeLoss(
  term: LossTerm,
  { zeroWhenEqual = true, gradientTolerance = 1e-6 }: LossPromises = {},
): void {
  const value = (options: Parameters<typeof lossCase>[1], change?: (values: Float64Array[]) => void): number => {
    const own = lossCase(term, options);
    const { outputs } = own.build();
    const values = leafValues(drawLeaves(own));
    change?.(Object.values(present(values.inputs, 'the inputs')) as Float64Array[]);
    return at(present(evaluateGraph(outputs, values)['result'], 'the loss'), 0);
  };

  describe(`loss ${term.name}`, () => {
    test('is one finite number', () => {
      expect(lossCase(term).build().outputs['result']?.shape).toEqual([]);
      expect(value({})).toSatisfy(Number.isFinite);
    });

    test('its gradient is that of differences in float64', () => {
      for (const [leaf, error] of Object.entries(gradientErrors(lossCase(term)))) {
        expect(error, leaf).toBeLessThan(gradientTolerance);
      }
    });

    test('is 0, not NaN, where every row is masked', () => {
      expect(Math.abs(value({ weights: exactly(0) }))).toBe(0); // −0 is as good
    });

    test('does not see masked rows', () => {
      const masked = 2; // row of weight 0
      const disturbed = value({}, (leaves) => {
        for (const leaf of leaves) {
          const width = leaf.length / rows;
          if (width > 1) leaf.fill(0.7, masked * width, (masked + 1) * width);
        }
      });
      // Within rounding: relations between rows of a sequence may sum in another order.
      expect(Math.abs(disturbed - value({}))).toBeLessThan(1e-9 * Math.max(1, Math.abs(disturbed)));
    });

    test('is a mean: weights that are all doubled change nothing', () => {
      expect(Math.abs(value({ weights: exactly(2, 2, 0, 2, 2, 2) }) - value({}))).toBeLessThan(1e-9);
    });

    if (term.acrossRows !== true && !(term.needsTeacher && term.needs !== undefined)) {
      test('is the mean of what its rows give by themselves, as it does not say `acrossRows`', () => {
        const single = [0, 1, 3, 4, 5].map((row) =>
          value({ weights: exactly(...Array.from({ length: rows }, (_, own) => (own === row ? 1 : 0))) }),
        );
        expect(Math.abs(value({}) - single.reduce((a, b) => a + b) / single.length)).toBeLessThan(1e-9);
      });
    }

    if (term.needsTeacher && zeroWhenEqual) {
      test('is 0 for a student that says what the teacher says', () => {
        expect(Math.abs(value({ same: true }))).toBeLessThan(1e-9);
      });
    }
  });
}
