// Advice on a plan: every rule is asked, nothing is run.
import type { Advice, PlanFacts } from './facts.js';
import { rules } from './rules.js';

/** What the published practice would hold against a plan, in the order of the rules; empty for a plan that follows it. */
export function advise(plan: PlanFacts): readonly Advice[] {
  return Object.entries(rules).flatMap(([rule, { reason, source, judge }]) =>
    judge(plan).map(({ step, found, fix }) => ({
      rule,
      ...(step === undefined ? {} : { step }),
      found,
      reason,
      fix,
      source,
    })),
  );
}

/** `8b: only layers go (32 to 16). Why: … Instead: …` */
export function describeAdvice({ step, found, reason, fix, source }: Advice): string {
  return `${step === undefined ? '' : `${step}: `}${found}; ${reason} (${source}). ${fix}.`;
}
