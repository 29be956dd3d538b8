import { Select } from '../../../ui/select.tsx';

/** The padding of an RSA key, which both sides have to know. */
export function AlgorithmSelect({ value, onChange }: { value: string; onChange: (algorithm: string) => void }) {
  return (
    <Select
      label="Algorithm"
      choices={[
        { id: 'RSAES_OAEP_SHA_256', label: 'RSA-OAEP with SHA-256' },
        { id: 'RSAES_OAEP_SHA_1', label: 'RSA-OAEP with SHA-1' },
      ]}
      value={value}
      onChange={onChange}
    />
  );
}
