import { join, resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import renderer from './vite.renderer.config.ts';

/** Where scripts/build.ts wants the output; `electron-vite dev` leaves it unset. */
export const OUTPUT_DIRECTORY_VARIABLE = 'KEYHOLD_BUILD_DIRECTORY';

/** Main process and preload. `npm run build` builds the page with vite.renderer.config.ts alone; `npm run dev` serves it from here. */
export default defineConfig(({ command }) => {
  const root = import.meta.dirname;
  const outDir = resolve(root, process.env[OUTPUT_DIRECTORY_VARIABLE] ?? 'dist');
  return {
    main: {
      build: {
        outDir: join(outDir, 'main'),
        emptyOutDir: false,
        target: 'node24',
        sourcemap: false,
        // electron-vite knows only `dependencies` by itself.
        externalizeDeps: { include: ['node-hid'] },
        rolldownOptions: {
          input: join(root, 'src/main/index.ts'),
          output: { format: 'es', entryFileNames: 'index.js', chunkFileNames: 'index-[name].js' },
        },
      },
    },
    preload: {
      build: {
        outDir: join(outDir, 'preload'),
        emptyOutDir: true,
        sourcemap: false,
        // A sandboxed preload can load nothing but Electron: one CommonJS file with all it needs inside.
        externalizeDeps: false,
        rolldownOptions: {
          input: join(root, 'src/preload/index.ts'),
          output: { format: 'cjs', entryFileNames: 'index.cjs', codeSplitting: false },
        },
      },
    },
    ...(command === 'serve' ? { renderer } : {}),
  };
});
