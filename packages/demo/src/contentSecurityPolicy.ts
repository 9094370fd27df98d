/**
 * What the page may do: run its own code and WASM, talk to its own origin, show and play what the person gave it. Nothing else, so that
 * no recording can leave the machine even by mistake. Written into the page at build time, so that a static host enforces it too.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')
