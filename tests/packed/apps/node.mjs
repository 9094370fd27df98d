import { predictBoth } from './models.js'

console.log(JSON.stringify(await predictBoth()))
