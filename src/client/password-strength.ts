/** How good a password is, in plain words. */
export interface Strength {
  score: 0 | 1 | 2 | 3 | 4;
  word: 'Too short' | 'Very weak' | 'Weak' | 'Fair' | 'Good' | 'Strong';
  /** What makes it weak, and what would mend it. Empty for a strong one. */
  advice: string;
  /** False when it cannot protect a vault. */
  acceptable: boolean;
}

const MIN_PASSWORD_LENGTH = 10;
const MIN_SCORE = 2;
const WORDS = ['Very weak', 'Weak', 'Fair', 'Good', 'Strong'] as const;

/** Estimates with zxcvbn, whose dictionaries (about a megabyte) are loaded on the first call. */
export async function passwordStrength(password: string): Promise<Strength> {
  if (password.length < MIN_PASSWORD_LENGTH) {
    const advice = `Use at least ${MIN_PASSWORD_LENGTH} characters. Four or five unrelated words work well.`;
    return { score: 0, word: 'Too short', advice, acceptable: false };
  }
  const [core, common, en] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const estimator = new core.ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...en.dictionary },
    graphs: common.adjacencyGraphs,
    translations: en.translations,
  });
  // Beyond this length the estimate no longer changes the answer, only the time it takes.
  const { score, feedback } = estimator.check(password.slice(0, 128), ['keyhold', 'vault', 'aws', 'amazon']);
  const advice = [feedback.warning, ...feedback.suggestions].filter((line) => line !== null && line !== '');
  return {
    score,
    word: WORDS[score],
    advice: score === 4 ? '' : advice.slice(0, 2).join(' ') || 'Add another unrelated word to make it stronger.',
    acceptable: score >= MIN_SCORE,
  };
}
