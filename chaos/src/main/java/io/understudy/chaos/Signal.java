package io.understudy.chaos;

import java.io.IOException;

/** Sends signals that the JDK does not know to processes of the campaign. */
enum Signal {
    STOP,
    CONT;

    void send(ProcessHandle process) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name(), Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name() + " " + process.pid() + " failed");
        }
    }
}
