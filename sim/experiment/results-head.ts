/** The first characters of every document of results say what it is: so they are told from traces without reading either. */
export const RESULTS_HEAD = /^\s*\{\s*"regroup":\s*"(?:sweep|plan|comparison|replications)"/;
