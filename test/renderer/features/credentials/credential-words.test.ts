import { expect, test } from 'vitest';
import {
  canRotateCredential,
  credentialBirth,
  dyingWords,
  isCredentialDue,
  secretNoun,
  toolSettings,
  whatWords,
} from '../../../../src/renderer/features/credentials/credential-words.ts';
import { isInIam, removeWords } from '../../../../src/renderer/features/credentials/remove-words.ts';
import { sampleCredentials } from '../../../support/fake-credentials.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const [git, ssh, mail, models] = sampleCredentials(NOW);
if (git === undefined || ssh === undefined || mail === undefined || models === undefined) throw new Error('no samples');

test('each type is called what it is, and so is what is secret about it', () => {
  expect([git, ssh, mail, models].map(whatWords)).toEqual([
    'Password for CodeCommit',
    'SSH key for CodeCommit',
    'SMTP password, eu-central-1',
    'API key for Bedrock',
  ]);
  expect([git, ssh, mail, models].map(secretNoun)).toEqual(['password', 'private key', 'password', 'API key']);
});

test('one is due over its age, unless it is not complete; an SMTP password follows its key', () => {
  expect([git, ssh, mail, models].map((one) => isCredentialDue(one, NOW))).toEqual([true, false, false, false]);
  expect(isCredentialDue({ ...git, state: 'unfinished' }, NOW)).toBe(false);
  expect([git, ssh, mail, models].map(canRotateCredential)).toEqual([true, true, false, false]);
  const { issuedAt: _issued, ...known } = git;
  expect(credentialBirth(git)).toBe(git.issuedAt);
  expect(credentialBirth({ ...known, createdAt: '2026-01-01T00:00:00.000Z' })).toBe('2026-01-01T00:00:00.000Z');
});

test('what tools still have is named, with what becomes of it', () => {
  const relative = () => 'in 20 h';
  expect(dyingWords(git, relative)).toBeNull();
  expect(dyingWords({ ...git, dying: { credentialId: 'ACCAOLD', userName: 'old-at-1' } }, relative)).toBe(
    'Tools may still have the one before, old-at-1 (ACCAOLD). It works until you confirm in the rotation that they have this one.',
  );
  const dying = { credentialId: 'APKAOLD', userName: 'APKAOLD', until: '2026-11-24T08:00:00.000Z' };
  expect(dyingWords({ ...ssh, dying }, relative)).toBe(
    'The one before, APKAOLD, is switched off, and is deleted in 20 h. Whoever was forgotten notices now.',
  );
});

test('a tool is told where to go and as whom, never the secret', () => {
  expect(toolSettings(mail).facts).toContainEqual({ name: 'Server', value: 'email-smtp.eu-central-1.amazonaws.com' });
  expect(toolSettings(ssh).lines?.text).toContain('  User APKAZQ4MXW3BJ2LR9V4C\n');
  expect(toolSettings(git)).toMatchObject({ title: 'For git', facts: [{ name: 'Address' }, { value: git.userName }] });
  expect(toolSettings(models).facts).toEqual([{ name: 'Variable', value: 'AWS_BEARER_TOKEN_BEDROCK' }]);
  expect(toolSettings({ ...git, service: 'cassandra.amazonaws.com' }).title).toBe('In the Cassandra client');
});

test('before one is removed it is said what goes on working in IAM', () => {
  expect([git, ssh, mail, models].map(isInIam)).toEqual([true, true, false, false]);
  expect(removeWords([git], false)).toEqual({
    what: '“git”',
    text: 'The password is gone here for good. It goes on working in IAM until it is deleted there.',
  });
  expect(removeWords([ssh], true).text).toBe(
    'IAM deletes it, and tools that use it stop working. The private key is gone for good.',
  );
  expect(removeWords([mail], false).text).toContain('follows from dns');
  expect(removeWords([models], false).text).toContain('not complete');
  expect(removeWords([git, ssh], false)).toMatchObject({
    what: '2 credentials',
    text: expect.stringContaining('go on'),
  });
  expect(removeWords([git, ssh], true).text).toContain('IAM deletes them');
  // What follows from an access key can be shown again by whoever adds it again.
  expect(removeWords([mail, mail], false).text).toBe(
    'Only the entries go. SMTP passwords follow from access keys, and work for as long as those do.',
  );
  expect(removeWords([git, mail], true).text).toMatch(
    /^IAM deletes those that it has.*of those only the entries go\.$/,
  );
});
