// For `node --import`: lets node run the command's sources, in worker threads too, which do not inherit tsx's own loader.
import { register } from 'tsx/esm/api'

register()
