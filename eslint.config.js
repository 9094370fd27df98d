import js from '@eslint/js'
import tseslint from 'typescript-eslint'
import tsdoc from 'eslint-plugin-tsdoc'

export default tseslint.config(
  {
    ignores: ['**/dist/**', '**/.nx/**', '**/node_modules/**', 'packages/runtime/assembly/**', '**/*.generated.ts'],
  },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { tsdoc },
    rules: {
      'tsdoc/syntax': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/prefer-for-of': 'off', // index loops over typed arrays are the hot paths
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-console': ['error', { allow: ['warn', 'error'] }],
    },
  },
  { files: ['**/*.{js,mjs,cjs}'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['**/*.{js,mjs,cjs}', '**/training/**', '**/scripts/**', 'packages/demo/**', 'benchmarks/**'],
    rules: { 'no-console': 'off' },
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        WebAssembly: 'readonly',
      },
    },
  },
  {
    files: ['tests/packed/apps/**'],
    languageOptions: {
      globals: {
        Worker: 'readonly',
        createImageBitmap: 'readonly',
        OffscreenCanvas: 'readonly',
        VideoFrame: 'readonly',
        AudioBufferSourceNode: 'readonly',
        AudioContext: 'readonly',
        AudioWorkletNode: 'readonly',
        OfflineAudioContext: 'readonly',
        OscillatorNode: 'readonly',
      },
    },
  },
)
