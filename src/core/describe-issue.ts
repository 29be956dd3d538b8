import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What is wrong with a parameter, for a person: the contract's own words where it has some, else ours for zod's. */
export function describeIssue(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: there is no such parameter`;
  const field = issue.path.join('.') || 'parameters';
  const message = isZodsOwn(issue.message) ? inOurWords(issue) : issue.message;
  return `${field}: ${message.replace(/\.$/, '')}`;
}

function isZodsOwn(message: string): boolean {
  return /^(?:Too (?:small|big): |Invalid )/.test(message);
}

function inOurWords(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return `at least ${amount(issue.minimum, issue.origin)} needed`;
    case 'too_big':
      return `at most ${amount(issue.maximum, issue.origin)} allowed`;
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'this is needed'
        : `${TYPES[issue.expected] ?? `a value of type ${issue.expected}`} is needed`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `this can only be ${String(issue.values[0])}`
        : `one of ${issue.values.map(String).join(', ')} is needed`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `one of ${issue.options.map(String).join(', ')} is needed`
        : 'this is not in a form that is known here';
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'this is not in the right form';
    default:
      return 'this value is not valid';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
const FORMATS: Readonly<Record<string, string>> = {
  url: 'this is not a URL',
  base64: 'this is not base64',
  datetime: 'an instant like 2026-11-23T22:15:04.031Z is needed',
};

/** `3 characters are`, `1 character is`, `1000 is` */
function amount(limit: number | bigint, origin: string): string {
  const unit = origin === 'string' ? 'character' : origin === 'array' ? 'item' : undefined;
  if (unit === undefined) return `${limit} is`;
  return Number(limit) === 1 ? `1 ${unit} is` : `${limit} ${unit}s are`;
}
