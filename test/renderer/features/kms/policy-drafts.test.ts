import { beforeEach, expect, test } from 'vitest';
import { draftPolicy, endPolicyDraft, policyDrafts } from '../../../../src/renderer/features/kms/policy-drafts.ts';
import { forgetLists } from '../../../../src/renderer/lib/list-state.ts';

beforeEach(() => policyDrafts.set(new Map()));

test('each key has a draft of its own, for as long as it differs from what is saved', () => {
  draftPolicy('a', '{"a":1}', '{}');
  draftPolicy('b', '{"b":1}', '{}');
  expect([...policyDrafts.get()]).toEqual([
    ['a', '{"a":1}'],
    ['b', '{"b":1}'],
  ]);
  draftPolicy('a', '{}', '{}');
  expect([...policyDrafts.get().keys()]).toEqual(['b']);
  // Saved as it was typed.
  draftPolicy('b', '{"b":1}', '{"b":1}');
  expect(policyDrafts.get().size).toBe(0);
});

test('nothing changes where nothing was typed, and the lock forgets it', () => {
  const before = policyDrafts.get();
  draftPolicy('a', '{}', '{}');
  expect(policyDrafts.get()).toBe(before);
  draftPolicy('a', '{"a":1}', '{}');
  const drafted = policyDrafts.get();
  draftPolicy('a', '{"a":1}', '{}');
  expect(policyDrafts.get()).toBe(drafted);
  forgetLists();
  expect(policyDrafts.get().size).toBe(0);
});

test('what was saved is no draft any more; what was typed since then is', () => {
  draftPolicy('a', '{"a":1}', '{}');
  draftPolicy('a', '{"a":2}', '{}');
  endPolicyDraft('a', '{"a":1}');
  expect(policyDrafts.get().get('a')).toBe('{"a":2}');
  endPolicyDraft('a', '{"a":2}');
  expect(policyDrafts.get().size).toBe(0);
});
