/** How good a password is, in plain words. */
export interface Strength {
  /** 0 to 4 filled segments. */
  score: 0 | 1 | 2 | 3 | 4;
  word: 'Too short' | 'Very weak' | 'Weak' | 'Fair' | 'Good' | 'Strong';
  /** What makes it weak, and what would mend it. Empty for a strong one. */
  advice: string;
}

/** The shortest password and the least score a vault is made with. */
const MIN_PASSWORD_LENGTH = 10;
const MIN_SCORE = 2;

const WORDS = ['Very weak', 'Weak', 'Fair', 'Good', 'Strong'] as const;

type Estimator = Pick<InstanceType<typeof import('@zxcvbn-ts/core').ZxcvbnFactory>, 'check'>;

let loading: Promise<Estimator> | undefined;

/** Loads zxcvbn and its dictionaries (about a megabyte), once. */
export function loadEstimator(): Promise<Estimator> {
  loading ??= Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]).then(
    ([core, common, en]) =>
      new core.ZxcvbnFactory({
        dictionary: { ...common.dictionary, ...en.dictionary },
        graphs: common.adjacencyGraphs,
        translations: en.translations,
      }),
  );
  return loading;
}

export function describeStrength(password: string, estimator: Estimator): Strength {
  if (password.length < MIN_PASSWORD_LENGTH) {
    const advice = `Use at least ${MIN_PASSWORD_LENGTH} characters. Four or five unrelated words work well.`;
    return { score: 0, word: 'Too short', advice };
  }
  // Beyond this length the estimate no longer changes the answer, only the time it takes.
  const { score, feedback } = estimator.check(password.slice(0, 128), ['keyhold', 'vault', 'aws', 'amazon']);
  const advice = [feedback.warning, ...feedback.suggestions].filter((line) => line !== null && line !== '');
  if (advice.length === 0) advice.push('Add another unrelated word to make it stronger.');
  return { score, word: WORDS[score], advice: score === 4 ? '' : advice.slice(0, 2).join(' ') };
}

/** Why this password cannot protect a vault; null when it can. */
export function refusePassword(strength: Strength): string | null {
  if (strength.word === 'Too short') return strength.advice;
  return strength.score < MIN_SCORE ? `This password is too easy to guess. ${strength.advice}` : null;
}
