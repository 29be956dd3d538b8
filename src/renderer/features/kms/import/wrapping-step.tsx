import { RadioCards } from '../../../ui/radio-cards.tsx';
import { Select } from '../../../ui/select.tsx';
import {
  WRAPPING_ALGORITHMS,
  type WrappingAlgorithm,
  type WrappingSpec,
  wrappingAlgorithms,
  wrappingSpecs,
} from './recipe.ts';

const WORDS: Readonly<Record<WrappingAlgorithm, { title: string; text: string }>> = {
  RSAES_OAEP_SHA_256: { title: 'RSA-OAEP with SHA-256', text: 'One command with OpenSSL.' },
  RSA_AES_KEY_WRAP_SHA_256: {
    title: 'AES key wrap inside RSA-OAEP, SHA-256',
    text: 'For material of any length, such as RSA private keys.',
  },
  RSAES_OAEP_SHA_1: { title: 'RSA-OAEP with SHA-1', text: 'For hardware that knows nothing newer.' },
  RSA_AES_KEY_WRAP_SHA_1: {
    title: 'AES key wrap inside RSA-OAEP, SHA-1',
    text: 'For hardware that knows nothing newer.',
  },
};

export function WrappingStep({
  spec,
  algorithm,
  wrappingSpec,
  onAlgorithm,
  onWrappingSpec,
}: {
  spec: string;
  algorithm: WrappingAlgorithm;
  wrappingSpec: WrappingSpec;
  onAlgorithm: (algorithm: WrappingAlgorithm) => void;
  onWrappingSpec: (spec: WrappingSpec) => void;
}) {
  const specs = wrappingSpecs(spec, algorithm);
  return (
    <>
      <p className="text-muted">
        The HSM makes a wrapping key for this one import. You encrypt your material to it on your own machine; only the
        HSM can open it, and it never comes to this page in the clear.
      </p>
      <RadioCards
        label="How do you want to encrypt it?"
        cards={wrappingAlgorithms(spec).map((one, index) => ({
          id: one,
          ...WORDS[one],
          ...(index === 0 ? { note: 'recommended' } : {}),
        }))}
        value={algorithm}
        onChange={(id) => {
          const chosen = WRAPPING_ALGORITHMS.find((one) => one === id);
          if (chosen !== undefined) onAlgorithm(chosen);
        }}
      />
      <Select
        label="Wrapping key"
        className="max-w-72"
        choices={specs.map((one) => ({ id: one, label: one.replace('RSA_', 'RSA ') }))}
        value={wrappingSpec}
        onChange={(id) => {
          const chosen = specs.find((one) => one === id);
          if (chosen !== undefined) onWrappingSpec(chosen);
        }}
      />
    </>
  );
}
