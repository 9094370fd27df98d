import { render } from 'preact'
import { App } from './app.tsx'
import './styles.css'
import { applyTheme } from './theme.ts'

applyTheme()
render(<App />, document.getElementById('app')!)

// Keeps the page and both models for use without network. The browser may refuse (private windows): the page works all the same.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  window.addEventListener('load', () => {
    void navigator.serviceWorker.register(new URL('./sw.js', document.baseURI), { scope: './' }).catch(() => undefined)
  })
}
