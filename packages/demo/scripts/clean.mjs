// tsup's two builds and the page share dist/: emptied once, before all of them.
import { rmSync } from 'node:fs'

rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true })
