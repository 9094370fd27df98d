export interface EvaluateCommandOptions { readonly json?: boolean }
export async function evaluateCommand(_o: EvaluateCommandOptions): Promise<number> { return 0 }
