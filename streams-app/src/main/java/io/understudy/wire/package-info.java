/** What a record carries besides its value: routing headers, a request's leading fields, dead letters. */
package io.understudy.wire;
