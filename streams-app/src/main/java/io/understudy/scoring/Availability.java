package io.understudy.scoring;

/** Whether a model can be asked. */
sealed interface Availability {

    /**
     * It can be asked.
     *
     * @param model the model
     * @param version its version
     */
    record Available(LoadedModel model, String version) implements Availability {}

    /** Another program answers. */
    record LeftToExternal() implements Availability {}

    /** It cannot be asked now; {@code why} says why not. */
    record Unavailable(String why) implements Availability {}
}
