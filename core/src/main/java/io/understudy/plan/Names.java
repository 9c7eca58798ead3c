package io.understudy.plan;

import java.util.regex.Pattern;

/** What deployments, versions and metrics may be called. */
final class Names {

    static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    static final String DESCRIPTION = "1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit";

    static final Pattern LANE_PATTERN = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    static final String LANE_DESCRIPTION =
            "1 to 40 lower-case letters, digits or '-', beginning with a letter or digit";

    private Names() {}
}
