// A production build with no configuration, served; prints its address.
import { build, preview } from 'vite'

await build({ logLevel: 'error' })
const server = await preview({ preview: { host: '127.0.0.1', port: 20000 + (process.pid % 20000) }, logLevel: 'error' })
console.log(server.resolvedUrls.local[0])
