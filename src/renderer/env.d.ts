interface Window {
  /** What the Electron preload script offers; absent in a browser. */
  readonly keyhold?: import('../contract/wire.ts').ShellBridge;
  /** File System Access API (WICG); absent in Firefox and Safari. */
  readonly showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

interface FileSystemFileHandle {
  /** File System API; Chromium has it since version 110. */
  readonly remove?: () => Promise<void>;
}
