import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { CONTENT_SECURITY_POLICY } from './src/contentSecurityPolicy.ts'
import { thirdPartyNotices } from './thirdPartyNotices.ts'

/** Names in Microsoft's Fluent Emoji (MIT), so that the faces look the same on every system, and where no emoji font is installed. */
const FACES = {
  anger: 'pouting-face',
  sadness: 'crying-face',
  fear: 'fearful-face',
  disgust: 'nauseated-face',
  calm: 'relieved-face',
  happiness: 'grinning-face-with-smiling-eyes',
  neutral: 'neutral-face',
  surprise: 'astonished-face',
  contempt: 'smirking-face',
  boredom: 'yawning-face',
}

/** `virtual:emotion-faces`: an SVG data URL for each emotion. */
function emotionFaces(): Plugin {
  const id = 'virtual:emotion-faces'
  return {
    name: 'emotion-faces',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(source) {
      if (source !== `\0${id}`) return undefined
      const path = createRequire(import.meta.url).resolve('@iconify-json/fluent-emoji-flat/icons.json')
      const { icons } = JSON.parse(readFileSync(path, 'utf8')) as { icons: Record<string, { body: string }> }
      const urls = Object.entries(FACES).map(([emotion, name]) => {
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${icons[name].body}</svg>`
        return [emotion, `data:image/svg+xml,${encodeURIComponent(svg)}`]
      })
      return `export const EMOTION_FACES = ${JSON.stringify(Object.fromEntries(urls))}`
    },
  }
}

/** The typeface is asked for with the page, not after its styles: it is there for the first picture. */
function preloadFont(): Plugin {
  return {
    name: 'preload-font',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => file.endsWith('.woff2'))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `./${file}`, crossorigin: '' },
            injectTo: 'head' as const,
          })),
    },
  }
}

/** The policy inside the page itself, for hosts that set no headers. Not in `vite dev`, whose hot reload needs more. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY }, injectTo: 'head-prepend' },
    ],
  }
}

/** The cards of both models, to be read beside the page and without network. */
function modelCards(): Plugin {
  const cards = {
    'voice-model-card.txt': '../speech-model/weights/default/MODEL_CARD.md',
    'face-model-card.txt': '../face-model/weights/default/CARD.md',
  }
  return {
    name: 'model-cards',
    apply: 'build',
    generateBundle() {
      for (const [fileName, card] of Object.entries(cards))
        this.emitFile({ type: 'asset', fileName, source: readFileSync(path(card), 'utf8') })
    },
  }
}

/** Files that nothing in the page asks for, found by what they were made of: the published models' weights, for comparison only. */
function assetFileNames({ originalFileNames }: { readonly originalFileNames: readonly string[] }): string {
  const unused = originalFileNames.some((name) => /[\\/]weights[\\/]paper[\\/]/.test(name))
  return `assets/${unused ? 'unused-' : ''}[name]-[hash][extname]`
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const notices = thirdPartyNotices(path('.'), {
  fileName: 'licences.txt',
  alsoUsed: ['@fontsource-variable/figtree', '@iconify-json/fluent-emoji-flat', 'workbox-core', 'workbox-precaching', 'workbox-routing'],
  compiledInto: {
    'mpg123-decoder': 'mpg123 (LGPL-2.1, https://mpg123.org), unchanged.',
    'opus-decoder': 'libopus (BSD-3-Clause, https://opus-codec.org).',
    '@wasm-audio-decoders/flac': 'libFLAC (BSD-3-Clause, https://xiph.org/flac).',
    '@wasm-audio-decoders/ogg-vorbis': 'libvorbis and libogg (BSD-3-Clause, https://xiph.org/vorbis).',
    '@alexanderolsen/libsamplerate-js': 'libsamplerate (BSD-2-Clause, https://libsndfile.github.io/libsamplerate).',
  },
  texts: [path('./licences/GPL-3.0.txt'), path('./licences/LGPL-2.1.txt')],
})

export default defineConfig(({ command }) => ({
  root: new URL('./web', import.meta.url).pathname,
  // Relative addresses: the page works below any path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // While developing, the packages' sources; in a build, what they publish.
  resolve: {
    conditions: command === 'serve' || process.env.EMO_SOURCE ? ['@emo/source', ...defaultClientConditions] : [...defaultClientConditions],
  },
  worker: { format: 'es', plugins: () => [notices.worker()], rolldownOptions: { output: { assetFileNames } } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // WASM and pictures stay files: data: URLs may not be fetched under the policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { output: { assetFileNames } },
  },
  plugins: [
    emotionFaces(),
    contentSecurityPolicy(),
    preloadFont(),
    modelCards(),
    notices.page(),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      manifest: {
        name: 'Emo: emotion from voice and face',
        short_name: 'Emo',
        description: 'Recognises emotion in voices and faces, on your own device.',
        start_url: './',
        display: 'standalone',
        background_color: '#faf8f4',
        theme_color: '#faf8f4',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
      workbox: {
        globPatterns: ['**/*.{html,js,css,svg,wasm,json,bin,wav,jpg,woff2,txt}'],
        // Nothing here asks for them: a neural postfilter of the Opus decoder, the resampler of corpora.
        globIgnores: ['**/unused-*', '**/opus-ml-*', '**/libsamplerate-*'],
        maximumFileSizeToCacheInBytes: 16 * 1024 * 1024,
        cleanupOutdatedCaches: true,
      },
    }),
  ],
}))
