// Where our readers and llhttp part on purpose: every rule by its name, with its reason.

/** We refuse what llhttp takes. Names are parts of a refusal's text. */
export const STRICTER_REQUESTS: Readonly<Record<string, string>> = {
  no_host: 'a request of HTTP/1.1 without Host is for nobody (RFC 9112 section 3.2)',
  two_hosts: 'two Hosts are two places (RFC 9112 section 3.2)',
  bad_host: 'a Host that is no authority is routed by one reader and not by the next',
  host_mismatch: 'absolute form and Host that disagree: which one counts depends on the reader',
  bad_target: 'a target that is neither a path nor an absolute form of http',
  bad_request_line:
    'one space twice, a version, and no bytes but visible ASCII in the target (RFC 9112 section 3)',
  bad_version: 'a version that is neither 1.0 nor 1.1',
  bad_method: 'a standard method in the wrong case, or one of more than 32 characters',
  connect: 'CONNECT is for proxies of another kind',
  bare_lf:
    'a line ends with CRLF; a bare LF may be tolerated (RFC 9112 section 2.2), and is how lines are smuggled',
  control_character: 'no control character but TAB in a field (RFC 9110 section 5.5)',
  bad_field: 'a line that is no field, or a name that is no token',
  forbidden_character: 'a fragment or a backslash in a target',
  above_root: 'a path that climbs above the root',
  bad_escape: 'a path with half an escape',
  hostile_escape: 'a path that escapes a control character',
  framing_twin: 'Transfer_Encoding frames the message for a CGI-style reader',
  multi_cl: 'Content-Length twice, also when both say the same',
  bad_cl: 'a Content-Length that is no plain number; a zero in front makes it octal for some',
  cl_too_large: 'a Content-Length that nobody would take',
  multi_te: 'Transfer-Encoding twice',
  cl_te: 'Content-Length beside Transfer-Encoding (RFC 9112 section 6.1)',
  te_in_http10: 'HTTP/1.0 knows no transfer coding (RFC 9112 section 6.1)',
  bad_te: 'chunked that is not the last coding',
  unknown_te: 'a coding that we cannot decode',
  bad_chunk: 'blanks around a chunk size or its extension are read in two ways',
  chunk_extension_too_large: 'extensions that only cost memory',
  bad_trailer: 'a trailer that is no field',
}

export const STRICTER_REPLIES: Readonly<Record<string, string>> = {
  'no HTTP/1 status line':
    'a status of three digits from 100 to 599, one space, a clean reason (RFC 9112 section 4)',
  'a control character or a bare line end': 'the same as in requests',
  'a line that is no field': 'the same as in requests',
  'two Content-Length': 'the same as in requests',
  'malformed Content-Length': 'the same as in requests',
  'two Transfer-Encoding': 'the same as in requests',
  'Content-Length and Transfer-Encoding': 'the same as in requests',
  'unknown transfer coding': 'only chunked is decoded; the rest would reach the client as it is',
  'an unasked switch of protocols': 'nobody asked for 101',
  'too many interim responses': 'sixteen are enough',
  'bad chunk': 'the same as in requests',
  'bad trailer': 'the same as in requests',
}

/** We take what llhttp refuses, or read it otherwise. */
export const LAXER: readonly { refusal: RegExp; where: RegExp; why: string }[] = [
  {
    refusal: /^/,
    where: /chunked[ \t]*\t/i,
    why: 'a tab behind the coding is optional white space (RFC 9110 section 5.5), and our framing is written anew',
  },
  {
    refusal: /^HPE_INVALID_METHOD$/,
    where: /./,
    why: 'any token is a method (RFC 9110 section 9.1); llhttp knows a list of them',
  },
  {
    refusal: /^HPE_CLOSED_CONNECTION$/,
    where: /(?:^|\r\n\r\n)HTTP\/1\.(?:0 1\d\d|. 1\d\d(?:(?!\r\n\r\n).)*\r\nConnection:(?:(?!\r\n).)*close)/is,
    why: 'an interim reply ends nothing: what the final one says of the connection counts',
  },
  {
    refusal: /^HPE_CLOSED_CONNECTION$/,
    where: /\r\n0+(?:;[^\r\n]*)?\r\n(?:(?!\r\n\r\n).)*Connection:(?:(?!\r\n).)*close/is,
    why: 'a trailer does not speak for the connection (RFC 9110 section 6.5.1)',
  },
]
