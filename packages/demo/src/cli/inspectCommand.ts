export interface InspectCommandOptions { readonly json?: boolean }
export async function inspectCommand(_d: string, _o: InspectCommandOptions): Promise<number> { return 0 }
