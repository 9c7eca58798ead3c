package io.understudy.scoring;

/** Whether a model can score requests. */
sealed interface Availability {

    /**
     * The model can score requests.
     *
     * @param model model to use
     * @param version version of the model
     */
    record Available(LoadedModel model, String version) implements Availability {}

    /** An external program answers the requests. */
    record External() implements Availability {}

    /** The model cannot score requests now; {@code why} is the reason. */
    record Unavailable(String why) implements Availability {}
}
