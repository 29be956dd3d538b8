import { KeyholdError } from '../../contract/errors.ts';
import { gateOf } from './gates/gate.ts';
import { booleanOf, fieldsOf, instantOf, invalid, listOf, oneOf, recordIdOf, textOf } from './input.ts';
import { requireLeaving } from './leaving.ts';
import { otpParametersOf } from './otp/parameters.ts';
import type { ObjectAttributes, ObjectClass, ObjectSpec, ObjectUsage } from './protocol.ts';

const CLASSES: readonly ObjectClass[] = ['secret-key', 'private-key', 'public-key', 'data'];
const USAGES: readonly ObjectUsage[] = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'mac',
  'wrap',
  'unwrap',
  'derive',
  'sigv4',
  'otp',
  'leave',
];

interface SpecRule {
  /** What each class of this spec may be used for. A class that is missing is not allowed. */
  usages: Partial<Record<ObjectClass, readonly ObjectUsage[]>>;
  mayBeExtractable: boolean;
}

const MAC_ONLY: SpecRule = { usages: { 'secret-key': ['mac'] }, mayBeExtractable: false };
const pair = (...usages: ObjectUsage[]): SpecRule => ({ usages: { 'private-key': usages }, mayBeExtractable: false });
const RSA = pair('sign', 'verify', 'encrypt', 'decrypt', 'unwrap');
const NIST_CURVE = pair('sign', 'verify', 'derive');
const SIGN_ONLY = pair('sign', 'verify');
const DERIVE_ONLY = pair('derive');

/** Which class and usages fit a spec. Only a client's own secret can ever be shown to a person again, and of AWS's secrets only a session's that was made to leave (leaving.ts). */
const RULES: Record<ObjectSpec, SpecRule> = {
  GENERIC_SECRET: { usages: { 'secret-key': ['mac', 'derive'], data: [] }, mayBeExtractable: false },
  AES_256: { usages: { 'secret-key': ['encrypt', 'decrypt', 'wrap', 'unwrap'] }, mayBeExtractable: false },
  HMAC_224: MAC_ONLY,
  HMAC_256: MAC_ONLY,
  HMAC_384: MAC_ONLY,
  HMAC_512: MAC_ONLY,
  AWS_SECRET_ACCESS_KEY: { usages: { 'secret-key': ['sigv4', 'leave'] }, mayBeExtractable: true },
  CLIENT_SECRET_KEY: { usages: { 'secret-key': ['sigv4', 'derive'] }, mayBeExtractable: true },
  SECURITY_KEY: { usages: { 'public-key': [] }, mayBeExtractable: false },
  TOKEN_PIN: { usages: { 'secret-key': [] }, mayBeExtractable: false },
  OTP_SEED: { usages: { 'secret-key': ['otp', 'verify'] }, mayBeExtractable: false },
  SERVICE_PASSWORD: { usages: { 'secret-key': [] }, mayBeExtractable: false },
  SSH_RSA_4096: { usages: { 'private-key': [] }, mayBeExtractable: false },
  RSA_2048: RSA,
  RSA_3072: RSA,
  RSA_4096: RSA,
  EC_P256: NIST_CURVE,
  EC_P384: NIST_CURVE,
  EC_P521: NIST_CURVE,
  EC_SECP256K1: SIGN_ONLY,
  ED25519: SIGN_ONLY,
  SM2: pair('sign', 'verify', 'encrypt', 'decrypt', 'unwrap', 'derive'),
  ML_DSA_44: SIGN_ONLY,
  ML_DSA_65: SIGN_ONLY,
  ML_DSA_87: SIGN_ONLY,
  ML_KEM_512: DERIVE_ONLY,
  ML_KEM_768: DERIVE_ONLY,
  ML_KEM_1024: DERIVE_ONLY,
};

function specOf(value: unknown): ObjectSpec {
  if (typeof value !== 'string' || !isSpec(value)) throw invalid('attributes.spec', 'a spec that it knows');
  return value;
}

function isSpec(name: string): name is ObjectSpec {
  return Object.hasOwn(RULES, name);
}

const LONGEST_LABEL = 256;
const MOST_POLICY_NAMES = 256;
const LONGEST_POLICY_NAME = 128;

/** Checks attributes against the rules of their spec. An id among them must be `id`. */
export function attributesOf(value: unknown, id: string): ObjectAttributes {
  const fields = fieldsOf(value, 'attributes', [
    'id',
    'class',
    'spec',
    'usage',
    'extractable',
    'label',
    'createdAt',
    'policy',
    'otp',
  ]);
  if (fields['id'] !== undefined && recordIdOf(fields['id'], 'attributes.id') !== id) {
    throw invalid('attributes.id', 'the id of the object');
  }
  const attributes: ObjectAttributes = {
    id,
    class: oneOf(fields['class'], 'attributes.class', CLASSES),
    spec: specOf(fields['spec']),
    usage: listOf(fields['usage'], 'attributes.usage', USAGES.length, (item, name) => oneOf(item, name, USAGES)),
    extractable: booleanOf(fields['extractable'], 'attributes.extractable'),
    label: labelOf(fields['label']),
    createdAt: instantOf(fields['createdAt'], 'attributes.createdAt'),
    policy: policyOf(fields['policy']),
  };
  if (fields['otp'] !== undefined) attributes.otp = otpParametersOf(fields['otp']);
  requireRules(attributes);
  return attributes;
}

function requireRules(attributes: ObjectAttributes): void {
  const rule = RULES[attributes.spec];
  const usages = rule.usages[attributes.class];
  if (usages === undefined) throw invalid('attributes.class', `one that ${attributes.spec} can have`);
  if ((attributes.otp !== undefined) !== (attributes.spec === 'OTP_SEED')) {
    throw invalid('attributes.otp', 'there for a seed of one-time codes, and for nothing else');
  }
  if (new Set(attributes.usage).size !== attributes.usage.length) throw invalid('attributes.usage', 'free of repeats');
  for (const usage of attributes.usage) {
    if (!usages.includes(usage)) {
      throw new KeyholdError('HsmRefused', `An object of spec ${attributes.spec} cannot have the usage ${usage}.`);
    }
  }
  if (attributes.extractable && !rule.mayBeExtractable) {
    throw new KeyholdError('HsmRefused', `An object of spec ${attributes.spec} can never be extractable.`);
  }
  if (attributes.spec === 'AWS_SECRET_ACCESS_KEY') requireLeaving(attributes);
}

export function labelOf(value: unknown): string {
  return textOf(value, 'label', 0, LONGEST_LABEL);
}

export function policyOf(value: unknown): ObjectAttributes['policy'] {
  const fields = fieldsOf(value, 'policy', ['notAfter', 'services', 'regions', 'mfa']);
  const policy: ObjectAttributes['policy'] = {};
  if (fields['notAfter'] !== undefined) policy.notAfter = instantOf(fields['notAfter'], 'policy.notAfter');
  if (fields['services'] !== undefined) policy.services = namesOf(fields['services'], 'policy.services');
  if (fields['regions'] !== undefined) policy.regions = namesOf(fields['regions'], 'policy.regions');
  if (fields['mfa'] !== undefined) policy.mfa = gateOf(fields['mfa'], 'policy.mfa');
  return policy;
}

function namesOf(value: unknown, name: string): string[] {
  return listOf(value, name, MOST_POLICY_NAMES, (item) => textOf(item, name, 1, LONGEST_POLICY_NAME));
}
